import { Bookmark, BookmarkPlus, ChevronDown, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { navigate } from 'wouter/use-browser-location'
import { Ask } from '../ui/ask.tsx'
import { textIn } from '../ui/form.ts'
import { ActionItem, ActionLine, ActionMenu } from '../ui/menu.tsx'
import { searchOf } from '../api/filter.ts'
import type { RunFilter } from '../api/filter.ts'
import { deleteView, saveView, useViews } from './views.ts'

export function ViewsMenu({ filter }: { filter: RunFilter }) {
  const { builtIn, saved } = useViews()
  const [naming, setNaming] = useState(false)
  const search = searchOf(filter)
  const here = saved.find((view) => view.search === search)
  return (
    <>
      <ActionMenu
        trigger={
          <button className="button" type="button">
            <Bookmark aria-hidden /> {here?.name ?? 'Views'} <ChevronDown aria-hidden />
          </button>
        }
      >
        {[...builtIn, ...saved].map((view) => (
          <ActionItem key={view.name} label={view.name} onPick={() => navigate(`/runs?${view.search}`)} />
        ))}
        <ActionLine />
        <ActionItem icon={BookmarkPlus} label="Save this view…" onPick={() => setNaming(true)} />
        {here && (
          <ActionItem
            icon={Trash2}
            danger
            label={`Delete ${here.name}`}
            onPick={() => deleteView(here.name)}
          />
        )}
      </ActionMenu>
      {naming && <NameDialog search={search} onEnd={() => setNaming(false)} />}
    </>
  )
}

function NameDialog({ search, onEnd }: { search: string; onEnd: () => void }) {
  return (
    <Ask
      onClose={onEnd}
      onDone={onEnd}
      action={{
        title: 'Save this view',
        description: 'The filter as it is now, kept in this browser.',
        verb: 'Save',
        fields: [{ name: 'name', label: 'Name', kind: 'text', required: true }],
        run: async (values) => saveView({ name: textIn(values, 'name'), search }),
      }}
    />
  )
}
