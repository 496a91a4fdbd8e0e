// The quiet frame around sign-in and set-up.
import type { ReactNode } from 'react'
import { Logo } from '../../parts/Logo.tsx'
import styles from './Frame.module.css'
import { messages } from './messages.en.ts'

export function Frame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={styles.frame}>
      <div className={styles.card}>
        <div className={styles.head}>
          <Logo size={40} />
          <h1 className={styles.title}>{title}</h1>
        </div>
        {children}
      </div>
      <p className={styles.tagline}>{messages.tagline}</p>
    </main>
  )
}
