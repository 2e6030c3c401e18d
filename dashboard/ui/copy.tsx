import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Tip } from './tip.tsx'

/** Puts `text` on the clipboard and says so for a moment. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), 1_500)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }
  return (
    <Tip text={copied ? 'Copied' : `Copy ${what}`}>
      <button
        type="button"
        className="button"
        data-look="bare"
        data-square
        aria-label={`Copy ${what}`}
        onClick={() => void copy()}
      >
        {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      </button>
    </Tip>
  )
}
