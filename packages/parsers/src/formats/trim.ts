// Cuts characters off the end in one pass; a regex such as /[: ]+$/ tries every place where it could begin.

export function trimEndOf(text: string, characters: string): string {
  let end = text.length
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--
  return text.slice(0, end)
}
