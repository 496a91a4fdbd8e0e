// Whose records somebody may see: every tenant's, or those of a list.
import { Select, TagsInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Tenants } from '@varde/api/contract'
import { ask } from '../../api/queries.ts'
import { messages } from './messages.en.ts'

const text = messages.users

export function TenantsInput({ value, onChange }: { value: Tenants; onChange: (value: Tenants) => void }) {
  const sources = useQuery(ask('sources', {}))
  const known = new Set(['house', ...(sources.data?.sources.map(({ tenant }) => tenant) ?? [])])
  return (
    <>
      <Select
        label={text.sees}
        allowDeselect={false}
        value={value === 'all' ? 'all' : 'some'}
        onChange={(next) => onChange(next === 'all' ? 'all' : ['house'])}
        data={[
          { value: 'some', label: text.onlyThese },
          { value: 'all', label: text.everyTenant },
        ]}
      />
      {value !== 'all' && (
        <TagsInput
          label={text.tenants}
          description={text.tenantsHint}
          required={value.length === 0}
          acceptValueOnBlur
          value={value}
          onChange={onChange}
          data={[...known].sort()}
        />
      )}
    </>
  )
}
