// The colleagues whom an alert can be given to, as items of a menu.
import { Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { peopleQuery } from '../../api/queries.ts'
import { messages } from './messages.en.ts'

export function AssignItems({ me, onAssign }: { me: string; onAssign: (name: string) => void }) {
  const { data } = useQuery(peopleQuery)
  return (data?.people ?? [])
    .filter(({ name }) => name !== me)
    .map(({ name }) => (
      <Menu.Item key={name} onClick={() => onAssign(name)}>
        {messages.actions.assignTo(name)}
      </Menu.Item>
    ))
}
