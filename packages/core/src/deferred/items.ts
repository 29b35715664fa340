/**
 * One answer of a job: its key after a letter, which is `h` where the answer was stored when the job began, `m` where the job has asked
 * for it, and `r` where an earlier item of the job has. After `!` stands the error of an invalid request.
 */
export type Item = string;

/** The key of an item; undefined for one without. */
export function keyIn(item: Item): string | undefined {
  return item[0] === "!" ? undefined : item.slice(1);
}
