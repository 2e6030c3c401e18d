/** Who began the run and what it began: parent, children, the runs before and after it. */
import { graphlib, layout } from '@dagrejs/dagre'
import { Background, Controls, Handle, Position, ReactFlow } from '@xyflow/react'
import type { Edge, Node, NodeProps } from '@xyflow/react'
import '@xyflow/react/dist/style.css'
import { useMemo } from 'react'
import { Link } from 'wouter'
import type { RunDescription } from '../../shared/description.ts'
import type { RecordedEvent } from '../api/shapes.ts'
import { runHref } from '../runs/href.ts'
import { Empty } from '../ui/states.tsx'
import { relativesOf } from './relatives.ts'
import type { Relative } from './relatives.ts'
import './relations.css'

const SIZE = { width: 220, height: 54 }
/** More than these would be a thicket; all are in the list. */
const MOST_DRAWN = 60

export default function Relations({
  run,
  events,
}: {
  run: RunDescription
  events: readonly RecordedEvent[]
}) {
  const relatives = useMemo(() => relativesOf(run, events), [run, events])
  const graph = useMemo(() => laidOut(run, relatives.slice(0, MOST_DRAWN)), [run, relatives])
  if (relatives.length === 0)
    return <Empty title="It stands alone">No parent, no children, no run before or after it.</Empty>
  return (
    <div className="relations">
      <section className="panel graph" aria-label="Graph">
        <ReactFlow
          {...graph}
          nodeTypes={NODES}
          fitView
          fitViewOptions={{ maxZoom: 1 }}
          nodesDraggable={false}
          nodesConnectable={false}
          edgesFocusable={false}
          nodesFocusable={false}
          minZoom={0.2}
        >
          <Background />
          <Controls showInteractive={false} />
        </ReactFlow>
      </section>
      <section className="panel scrolls" aria-label="Related runs">
        <RelativeTable relatives={relatives} />
      </section>
    </div>
  )
}

function RelativeTable({ relatives }: { relatives: readonly Relative[] }) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th>Relation</th>
          <th>Workflow id</th>
          <th>Type</th>
          <th>How it is</th>
        </tr>
      </thead>
      <tbody>
        {relatives.map(({ key, relation, run, workflowType, outcome }) => (
          <tr key={key}>
            <td className="soft">{relation}</td>
            <td>
              <Link href={runHref(run)}>{run.workflowId}</Link>
            </td>
            <td>{workflowType}</td>
            <td>{outcome}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

type RunNode = Node<{ relative: Relative }, 'run'>
const NODES = { run: RunBox }

function RunBox({ data: { relative } }: NodeProps<RunNode>) {
  return (
    <div className="run-box" data-here={relative.relation === 'this run' ? '' : undefined}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <Link href={runHref(relative.run)} className="clipped">
        {relative.run.workflowId}
      </Link>
      <span className="soft small clipped">
        {[relative.relation, relative.workflowType, relative.outcome].filter(Boolean).join(' · ')}
      </span>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  )
}

function laidOut(run: RunDescription, relatives: readonly Relative[]): { nodes: RunNode[]; edges: Edge[] } {
  const here: Relative = {
    key: 'here',
    relation: 'this run',
    run,
    workflowType: run.workflowType,
    outcome: run.status,
    ahead: false,
  }
  const all = [here, ...relatives]
  const edges = relatives.map(({ key, ahead }) => ({
    id: key,
    source: ahead ? key : here.key,
    target: ahead ? here.key : key,
  }))
  const graph = new graphlib.Graph().setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 70 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { key } of all) graph.setNode(key, { ...SIZE })
  for (const { source, target } of edges) graph.setEdge(source, target)
  layout(graph)
  const nodes = all.map((relative): RunNode => {
    const { x, y } = graph.node(relative.key)
    const position = { x: x - SIZE.width / 2, y: y - SIZE.height / 2 }
    return { id: relative.key, type: 'run', position, data: { relative }, ...SIZE }
  })
  return { nodes, edges }
}
