// A call of a generator function does nothing until somebody goes through it: one whose result is dropped is a mistake.
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

function droppedGenerators(program: ts.Program): string[] {
  const checker = program.getTypeChecker();
  const found: string[] = [];
  const look = (node: ts.Node) => {
    if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) {
      const name = checker.getTypeAtLocation(node.expression).symbol?.name;
      if (name === "Generator" || name === "AsyncGenerator") {
        const file = node.getSourceFile();
        const { line } = file.getLineAndCharacterOfPosition(node.getStart());
        found.push(`${file.fileName}:${line + 1}: ${node.getText()}`);
      }
    }
    ts.forEachChild(node, look);
  };
  for (const file of program.getSourceFiles())
    if (!file.isDeclarationFile && !file.fileName.includes("/node_modules/")) look(file);
  return found;
}

test("every generator that is made is gone through", { timeout: 120_000 }, () => {
  const { config } = ts.readConfigFile(`${root}/tsconfig.json`, ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  expect(droppedGenerators(ts.createProgram(fileNames, options))).toEqual([]);
});

test("one that is dropped is seen", () => {
  const source = "function* count() { yield 1; }\ncount();\nfor (const one of count()) one.toFixed();\n";
  const host = ts.createCompilerHost({});
  const { getSourceFile } = host;
  host.getSourceFile = (name, ...rest) =>
    name === "dropped.ts"
      ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022)
      : getSourceFile(name, ...rest);
  const program = ts.createProgram(["dropped.ts"], { target: ts.ScriptTarget.ES2022, types: [] }, host);
  expect(droppedGenerators(program)).toEqual(["dropped.ts:2: count();"]);
});
