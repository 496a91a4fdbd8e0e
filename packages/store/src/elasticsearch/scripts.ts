// Conditions that no index can decide, as scripts over the kept document: they run on what the rest of a query leaves.
import type { Clause } from './clause.ts'

export interface Scripts {
  /** The parts stand in the line in this order, nothing but white space missing between them; `before`, `after`: at a word's end. */
  line(parts: string[], before: boolean, after: boolean): Clause
  /** A text too long for a term, against a pattern's parts. */
  longPattern(field: string, parts: string[]): Clause
  longRange(field: string, op: '<' | '<=' | '>' | '>=', bound: string): Clause
  /** For a request's `runtime_mappings`; empty where no script is needed. */
  mappings(): Record<string, unknown>
}

const lineScript = `
boolean isWord(int c) {
  int t = Character.getType(c);
  return c == 95 || (t >= 1 && t <= 5) || (t >= 9 && t <= 11);
}
boolean isSpace(char c) { return c == (char)32 || (c >= (char)9 && c <= (char)13); }
boolean endsWell(String line, int end, boolean after) {
  return !after || end >= line.length() || !isWord(line.codePointAt(end));
}
boolean rest(String line, List parts, int start, boolean after) {
  int at = start;
  int count = parts.size();
  if (count == 1) return endsWell(line, at, after);
  for (int k = 1; k < count; k++) {
    String part = (String) parts.get(k);
    boolean last = k == count - 1;
    int from = at;
    int found = -1;
    while (found < 0) {
      int next = line.indexOf(part, from);
      if (next < 0) return false;
      for (int i = at; i < next; i++) { if (isSpace(line.charAt(i))) return false; }
      if (!last || endsWell(line, next + part.length(), after)) found = next;
      else from = next + 1;
    }
    at = found + part.length();
  }
  return true;
}
boolean holds(String line, List parts, boolean before, boolean after) {
  String first = (String) parts.get(0);
  int from = 0;
  while (from <= line.length()) {
    int at = line.indexOf(first, from);
    if (at < 0) return false;
    boolean begins = !before || at == 0 || !isWord(line.codePointBefore(at));
    if (begins && rest(line, parts, at + first.length(), after)) return true;
    from = at + 1;
  }
  return false;
}
String line = params._source._varde.line;
emit(line != null && holds(line.toLowerCase(Locale.ROOT), params.parts, params.before, params.after));
`

const patternScript = `
boolean fits(String text, List parts) {
  String first = (String) parts.get(0);
  int count = parts.size();
  if (count == 1) return text.equals(first);
  String last = (String) parts.get(count - 1);
  if (!text.startsWith(first) || !text.endsWith(last) || text.length() < first.length() + last.length()) return false;
  int at = first.length();
  for (int k = 1; k < count - 1; k++) {
    String part = (String) parts.get(k);
    int next = text.indexOf(part, at);
    if (next < 0) return false;
    at = next + part.length();
  }
  return at <= text.length() - last.length();
}
boolean any = false;
List longTexts = params._source._varde.long;
if (longTexts != null) { for (def one : longTexts) { if (one.field == params.field && fits(one.text, params.parts)) any = true; } }
emit(any);
`

const rangeScript = `
boolean any = false;
List longTexts = params._source._varde.long;
if (longTexts != null) for (def one : longTexts) {
  if (one.field == params.field) {
    int difference = ((String) one.text).compareTo(params.bound);
    if (params.op == '<' ? difference < 0 : params.op == '<=' ? difference <= 0 : params.op == '>' ? difference > 0 : difference >= 0) any = true;
  }
}
emit(any);
`

export function createScripts(): Scripts {
  const mappings: Record<string, unknown> = {}
  const add = (source: string, params: Record<string, unknown>): Clause => {
    const name = `varde_script_${Object.keys(mappings).length}`
    mappings[name] = { type: 'boolean', script: { lang: 'painless', source, params } }
    return { term: { [name]: true } }
  }
  return {
    line: (parts, before, after) => add(lineScript, { parts, before, after }),
    longPattern: (field, parts) => add(patternScript, { field, parts }),
    longRange: (field, op, bound) => add(rangeScript, { field, op, bound }),
    mappings: () => mappings,
  }
}
