// The cairn with its fire.
export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path
        d="M16 2.500c3 3 4.600 5 4.600 7.200a4.600 4.600 0 0 1-9.200 0c0-1.500.8-2.700 2-3.900.3 1.200.9 1.900 1.700 2.300C14.800 6 15 4.300 16 2.500Z"
        fill="var(--v-ember)"
      />
      <rect x="10.500" y="15.200" width="11" height="3.800" rx="1.900" fill="var(--v-accent)" opacity="0.6" />
      <rect x="7.500" y="20.200" width="17" height="4" rx="2" fill="var(--v-accent)" opacity="0.8" />
      <rect x="4" y="25.400" width="24" height="4.200" rx="2.100" fill="var(--v-accent)" />
    </svg>
  )
}
