import type { WorkflowDefinition } from '../shared/index.ts'

/** A workflow that is known here by its name only. */
export function definitionNamed(name: string): WorkflowDefinition {
  return { kind: 'workflow', name, messages: {} }
}
