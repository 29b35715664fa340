/**
 * One answer of a job: a letter and the key. `h`: the answer was stored when the job began. `m`: the job has asked for it. `r`:
 * an earlier item of the job has asked for it. An invalid request is `!` and its error.
 */
export type Item = string;

/** The key of an item; undefined for an invalid request. */
export function keyIn(item: Item): string | undefined {
  return item[0] === "!" ? undefined : item.slice(1);
}
