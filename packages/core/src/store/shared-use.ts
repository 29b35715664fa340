/** Counts the owners of an object: the clients over one store or provider. The last owner closes it. */
const owners = new WeakMap<object, number>();

export function retain(shared: object): void {
  owners.set(shared, (owners.get(shared) ?? 0) + 1);
}

/** Returns whether that was the last owner. */
export function release(shared: object): boolean {
  const left = (owners.get(shared) ?? 1) - 1;
  owners.set(shared, left);
  return left <= 0;
}
