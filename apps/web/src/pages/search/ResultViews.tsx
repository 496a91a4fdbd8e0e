// What stands below the histogram, and how tall its rows are.
import { SegmentedControl } from '@mantine/core'
import partStyles from '../../parts/parts.module.css'
import { useSearchActions } from './actions.ts'
import { type Density, densities } from './density.ts'
import { messages } from './messages.en.ts'
import styles from './search.module.css'
import { views } from './search-state.ts'

const text = messages.views

export function ResultViews({ density, onDensity }: { density: Density; onDensity: (next: Density) => void }) {
  const { state, set } = useSearchActions()
  return (
    <div className={styles.views}>
      <SegmentedControl
        aria-label={text.label}
        value={state.view ?? 'events'}
        onChange={(next) => set({ view: views.find((one) => one === next) })}
        data={(['events', ...views] as const).map((value) => ({ value, label: text[value] }))}
      />
      <span className={partStyles.spacer} />
      {state.view === undefined && (
        <SegmentedControl
          className={styles.density ?? ''}
          aria-label={messages.density.label}
          value={density}
          onChange={(next) => onDensity(densities.find((one) => one === next) ?? 'normal')}
          data={densities.map((value) => ({ value, label: messages.density[value] }))}
        />
      )}
    </div>
  )
}
