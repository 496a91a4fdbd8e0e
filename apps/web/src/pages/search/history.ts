// The last searches of this browser, newest first.
const storageKey = 'varde.searches'
const kept = 30

export function recentSearches(): string[] {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]')
    return Array.isArray(saved) ? saved.filter((one) => typeof one === 'string') : []
  } catch {
    // Somebody else wrote there; the next search writes it anew.
    return []
  }
}

export function rememberSearch(query: string): void {
  const searches = [query, ...recentSearches().filter((one) => one !== query)].slice(0, kept)
  localStorage.setItem(storageKey, JSON.stringify(searches))
}
