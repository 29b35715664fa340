// Prints each public name and member that has no comment, which an editor would show.
import { globSync } from "node:fs";
import ts from "typescript-5.9";

const entries = globSync("node_modules/{remem,@remem/*}/dist/{index,plugin}.d.ts");
const { NodeNext } = ts.ModuleKind;
const program = ts.createProgram(entries, { module: NodeNext, skipLibCheck: true, strict: true, types: [] });
const checker = program.getTypeChecker();
const seen = new Set();

for (const entry of entries) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    if (seen.has(symbol)) continue;
    seen.add(symbol);
    report(entry, symbol, symbol.name);
    if (!(symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class))) continue;
    for (const member of checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))) {
      const isNamed = !/^__@|#/.test(member.name); // Neither a symbol nor private.
      if (isNamed) report(entry, member, `${symbol.name}.${member.name}`);
    }
  }
}

function report(entry, symbol, name) {
  const files = symbol.declarations?.map((declaration) => declaration.getSourceFile().fileName) ?? [];
  const isOurs = files.some((file) => /node_modules\/(@remem\/|remem\/)/.test(file));
  const isDocumented = symbol.getDocumentationComment(checker).length > 0 || symbol.getJsDocTags(checker).length > 0;
  if (isOurs && !isDocumented) console.log(`${entry}: ${name}`);
}
