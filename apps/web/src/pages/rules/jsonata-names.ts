// Words that rules are written with, for completion: keys of the file, JSONata's functions, and ours.
export const jsonataNames = [
  ...['when:', 'group:', 'count:', 'distinct:', 'atLeast:', 'within:', 'title:', 'collect:', 'having:', 'suppress:'],
  ...['exceptions:', 'runbook:', 'blindSpots:', 'severity:', 'threshold:', 'sequence:', 'firstSeen:', 'absence:'],
  ...['$cidr(', '$inList(', '$bit(', '$sid(', '$geoKm(', '$norm('],
  ...['$contains(', '$match(', '$lowercase(', '$uppercase(', '$substring(', '$split(', '$trim(', '$length('],
  ...['$count(', '$distinct(', '$exists(', '$not(', '$number(', '$string(', '$filter(', '$map(', '$sum(', '$max('],
]
