import { withoutCredentials } from "@remem/core/plugin";

const MAX_LENGTH = 100;

/** Makes labels of names that callers choose. The first `most` names are kept, and all others share one label. */
export function createLabels(most: number): (name: string | undefined) => string {
  const known = new Map<string, string>();
  return (name) => {
    if (name === undefined) return "unknown";
    const label = known.get(name);
    if (label !== undefined) return label;
    if (known.size >= most) return "other";
    const short = withoutCredentials(name.length > MAX_LENGTH ? `${name.slice(0, MAX_LENGTH)}…` : name);
    known.set(name, short);
    return short;
  };
}
