import { JsonView } from 'react-json-view-lite'

/** Levels that are open at first. */
const OPEN = 3

const STYLE = {
  container: 'json-tree',
  basicChildStyle: 'json-child',
  childFieldsContainer: 'json-children',
  label: 'json-label',
  clickableLabel: 'json-label json-click',
  nullValue: 'json-null',
  undefinedValue: 'json-null',
  stringValue: 'json-string',
  numberValue: 'json-number',
  booleanValue: 'json-boolean',
  otherValue: 'json-null',
  punctuation: 'json-mark',
  expandIcon: 'json-expand',
  collapseIcon: 'json-collapse',
  collapsedContent: 'json-more',
}

export default function JsonTree({ value, label }: { value: object; label: string }) {
  return (
    <JsonView
      data={value}
      style={STYLE}
      shouldExpandNode={(level) => level < OPEN}
      clickToExpandNode
      aria-label={label}
    />
  )
}
