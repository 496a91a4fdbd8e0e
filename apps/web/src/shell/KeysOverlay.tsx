// Every key that works here, read from what the page has registered.
import { Kbd, Modal } from '@mantine/core'
import { registeredShortcuts } from '../keys/shortcuts.ts'
import { messages } from '../messages.en.ts'
import styles from './KeysOverlay.module.css'

const names: Record<string, string> = { Escape: 'Esc', Enter: 'Enter', ArrowDown: '↓', ArrowUp: '↑', ' ': 'Space' }

function show(key: string): string[] {
  return key.split(/[ +]/).map((part) => (part === 'mod' ? 'Ctrl' : (names[part] ?? part)))
}

export function KeysOverlay({ onClose }: { onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={messages.keys.title}
      size="lg"
      closeButtonProps={{ 'aria-label': messages.keys.close }}
    >
      <div className={styles.groups}>
        {registeredShortcuts().map((group) => (
          <section key={group.title}>
            <h3 className={styles.title}>{group.title}</h3>
            <dl className={styles.list}>
              {group.shortcuts.map((shortcut) => (
                <div key={shortcut.keys} className={styles.row}>
                  <dt>
                    {show(shortcut.keys).map((part) => (
                      <Kbd key={part} size="xs" mr={3}>
                        {part}
                      </Kbd>
                    ))}
                  </dt>
                  <dd>{shortcut.label}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  )
}
