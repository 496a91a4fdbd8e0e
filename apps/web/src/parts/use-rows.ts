// The rows of a long list: only those in sight are drawn, more are loaded near the end, the opened one stays in view.
import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual'
import { type RefObject, useEffect, useRef } from 'react'

interface Options {
  count: number
  /** Pixels of each row. */
  height: number
  /** The opened row, and its index or -1. */
  opened: string | undefined
  at: number
  hasMore: boolean
  loadMore: () => void
}
interface Rows {
  scroller: RefObject<HTMLDivElement | null>
  visible: VirtualItem[]
  totalHeight: number
}

const overscanRows = 12
/** Beyond the overscan: a first page that fills the screen asks for no second one. */
const loadAheadRows = 10

export function useRows({ count, height, opened, at, hasMore, loadMore }: Options): Rows {
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: overscanRows,
  })
  const visible = rows.getVirtualItems()
  const last = visible.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && last >= count - loadAheadRows) loadMore()
  }, [hasMore, last, count, loadMore])

  // Only a newly opened row moves the list; a refresh that shifts it does not.
  const shown = useRef<string>(undefined)
  useEffect(() => {
    if (at < 0 || shown.current === opened) return
    shown.current = opened
    rows.scrollToIndex(at, { align: 'auto' })
  }, [opened, at, rows])

  const drawnHeight = useRef(height)
  useEffect(() => {
    if (drawnHeight.current === height) return
    drawnHeight.current = height
    rows.measure()
  }, [height, rows])
  return { scroller, visible, totalHeight: rows.getTotalSize() }
}
