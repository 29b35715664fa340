import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { Application, Comment, Converter, ReflectionKind, type TypeDocOptions } from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";
import { REFERENCE, root } from "./pages.ts";

/** The purpose of exports that the description of their package does not tell. */
const EXPORTS: Readonly<Record<string, string>> = {
  "./plugin": "For authors of providers and stores.",
  "./journal": "The journal in a file.",
  "./config": "The configuration file, for commands.",
  "./flights": "Leases by lock files, for a store of your own.",
};

interface Export {
  readonly name: string;
  readonly source: string;
  readonly description: string;
}

/** Writes the reference of all exports of the published packages, made of the comments in their sources. */
export async function writeReference(): Promise<void> {
  const modules = exportsOfPackages();
  const options: TypeDocOptions & PluginOptions = {
    plugin: ["typedoc-plugin-markdown"],
    entryPoints: modules.map(({ source }) => source),
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
    hideBreadcrumbs: false,
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
  const named = new Map(modules.map((module) => [module.source.replace(/(\/index)?\.ts$/, ""), module]));
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    const { name, description } = named.get(join(root, reflection.name))!;
    reflection.name = name;
    reflection.comment = new Comment([{ kind: "text", text: description }]);
  });
  const project = await app.convert();
  if (project === undefined) throw new Error("The reference cannot be made: see above.");
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("The reference has mistakes: see above.");
}

/** Every export of the packages. An export that re-exports others comes after them. */
function exportsOfPackages(): Export[] {
  const manifests = globSync("{packages/*,apps/{gateway,view}}/package.json", { cwd: root });
  const found = manifests.flatMap((manifest) => {
    const { name, private: isPrivate, exports, description } = JSON.parse(readFileSync(join(root, manifest), "utf8"));
    if (isPrivate) return [];
    return Object.entries<{ "remem-source": string }>(exports).map(([path, { "remem-source": source }]) => ({
      name: posix.join(name, path),
      source: join(root, manifest, "..", source),
      description: path === "." ? description : EXPORTS[path]!,
    }));
  });
  const rank = ({ name }: Export): number => (name.startsWith("@remem/core") ? 0 : name.startsWith("remem") ? 2 : 1);
  return found.toSorted((a, b) => rank(a) - rank(b));
}
