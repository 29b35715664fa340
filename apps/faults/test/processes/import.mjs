// Argument: a path. Prints what importing the package started, and what creating clients started.
const active = () => process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap" && name !== "TTYWrap");
const before = active();

const { createRemem } = await import("remem");
const imported = active();

createRemem({ store: `sqlite:${process.argv[2]}` });
createRemem({ store: "redis://127.0.0.1:1" });
createRemem({ store: "memory:" });
console.log(JSON.stringify({ imported: added(imported), made: added(active()) }));

function added(names) {
  return names.filter((name) => !before.includes(name));
}
