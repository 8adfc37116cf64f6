// Fail when an AsyncAPI document is not valid, or could be better. Usage: node parse_asyncapi.mjs DOCUMENT ...
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

// 3.1.0 brings nothing that is wanted here
const parser = new Parser({ ruleset: { rules: { "asyncapi-latest-version": "off" } } });
for (const file of process.argv.slice(2)) {
  const { diagnostics } = await parser.parse(readFileSync(file, "utf8"));
  for (const { code, message, path, range } of diagnostics) {
    console.error(`${file}:${range.start.line + 1}: ${path.join(".")}: ${message} (${code})`);
    process.exitCode = 1;
  }
}
