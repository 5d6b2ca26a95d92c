/** The numbers from 0 on: inputs for calls. */
export function* upTo(count: number): Iterable<number> {
  for (let index = 0; index < count; index++) yield index;
}
