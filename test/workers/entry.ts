export default {
  fetch: () => new Response('perdure'),
} satisfies ExportedHandler
