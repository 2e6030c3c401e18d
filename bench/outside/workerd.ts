/** workerd's own configuration of the Workers of the bench. */

interface Place {
  port: number
  /** A directory, for the databases. */
  disk: string
}

export const TOKEN = 'the-token-of-the-bench'
const COMPATIBILITY = 'compatibilityDate = "2026-10-01"'

export function capnp({ port, disk }: Place): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "scheduler", worker = (
      modules = [(name = "scheduler.js", esModule = embed "scheduler.js")], ${COMPATIBILITY},
      bindings = [
        (name = "SCHEDULER", durableObjectNamespace = "Scheduler"),
        (name = "SHARDS", text = "1"),
        (name = "API_TOKEN", text = ${text(TOKEN)}),
        (name = "BENCH_QUEUE", queue = (name = "queues", props = (json = ${text(JSON.stringify({ queue: 'bench' }))}))),
        (name = "BENCH_WORKER", service = (name = "activities", entrypoint = "Activities"))],
      durableObjectNamespaces = [(className = "Scheduler", uniqueKey = "bench-scheduler", enableSql = true)],
      durableObjectStorage = (localDisk = "disk"),
      globalOutbound = "network")),
    (name = "activities", worker = (
      modules = [(name = "activities.js", esModule = embed "activities.js")], ${COMPATIBILITY},
      bindings = [(name = "WORKFLOWS", service = (name = "scheduler", entrypoint = "WorkflowService"))])),
    (name = "queues", worker = (
      modules = [(name = "queues.js", bundled = "/workerd/queues.js")], ${COMPATIBILITY},
      compatibilityFlags = ["service_binding_extra_handlers"],
      bindings = [
        (name = "SHARD", durableObjectNamespace = "QueueShard"),
        (name = "ACTIVITIES", service = "activities"),
        (name = "CONSUMERS", json = ${text(JSON.stringify({ bench: { consumer: 'ACTIVITIES', maxBatchSize: 100, maxBatchTimeout: 0 } }))})],
      durableObjectNamespaces = [(className = "QueueShard", uniqueKey = "bench-queues", enableSql = true)],
      durableObjectStorage = (localDisk = "disk"))),
    (name = "disk", disk = (path = ${text(disk)}, writable = true)),
    (name = "network", network = (allow = ["private"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "scheduler")]);
`
}

/** A string of Cap'n Proto, which escapes as JSON does. */
function text(value: string): string {
  return JSON.stringify(value)
}
