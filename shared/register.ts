/** What the user can tell the types of this package. */

/**
 * Opt-in types for names, by module augmentation:
 * `declare module 'perdure' { interface Register { activities: typeof activities; strict: true } }`.
 * With `activities`, `ctx.activity('name', ...)` is typed; with `strict`, what no type is known of is `unknown`.
 */
export interface Register {}

/** What no type is known of. */
// oxlint-disable-next-line typescript/no-explicit-any -- the founding document's examples use untyped results
export type Untyped = Register extends { strict: true } ? unknown : any
