// Writes into a text box at once, caret included: what a fast hand types next lands behind it, not before.

/** The whole text afterwards, for the state that the box is drawn from. */
export function replaceText(
  box: HTMLInputElement | HTMLTextAreaElement,
  text: string,
  from: number,
  to: number,
): string {
  box.setRangeText(text, from, to, 'end')
  return box.value
}
