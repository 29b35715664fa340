import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { Application, Converter, ReflectionKind, type TypeDocOptions } from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";
import { REFERENCE, root } from "./pages.ts";

/** Writes the reference of all exports of the published packages, made of the comments in their sources. */
export async function writeReference(): Promise<void> {
  const modules = exportsOfPackages();
  const options: TypeDocOptions & PluginOptions = {
    plugin: ["typedoc-plugin-markdown"],
    entryPoints: [...modules.values()],
    tsconfig: join(root, "apps/docs/tsconfig.reference.json"),
    basePath: root,
    displayBasePath: root,
    name: "Reference",
    out: join(root, REFERENCE),
    readme: "none",
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    disableSources: true,
    router: "member",
    entryFileName: "index",
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    expandObjects: true,
    parametersFormat: "table",
    interfacePropertiesFormat: "list",
    indexFormat: "table",
    treatWarningsAsErrors: true,
    logLevel: "Warn",
  };
  const app = await Application.bootstrapWithPlugins(options);
  // A module has the name of its folder or file until then.
  const names = new Map(Array.from(modules, ([name, source]) => [source.replace(/(\/index)?\.ts$/, ""), name]));
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_, reflection) => {
    if (reflection.kindOf(ReflectionKind.Module)) reflection.name = names.get(join(root, reflection.name))!;
  });
  const project = await app.convert();
  if (project === undefined) throw new Error("The reference cannot be made: see above.");
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("The reference has mistakes: see above.");
}

/** Every export of the packages by the name that programs import: its source. What re-exports others comes after them. */
function exportsOfPackages(): Map<string, string> {
  const manifests = globSync("{packages/*,apps/gateway}/package.json", { cwd: root });
  const found = manifests.flatMap((manifest) => {
    const { name, private: isPrivate, exports } = JSON.parse(readFileSync(join(root, manifest), "utf8"));
    if (isPrivate) return [];
    return Object.entries<{ "remem-source": string }>(exports).map(
      ([path, conditions]) => [posix.join(name, path), join(root, manifest, "..", conditions["remem-source"])] as const,
    );
  });
  const rank = (name: string): number => (name.startsWith("@remem/core") ? 0 : name.startsWith("remem") ? 2 : 1);
  return new Map(found.toSorted(([a], [b]) => rank(a) - rank(b)));
}
