// Writes workflow commands with GitHub's own toolkit: reads a list of [name, [[key, value], ...], data] from standard input.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { issueCommand } = await import(pathToFileURL(`${process.cwd()}/node_modules/@actions/core/lib/command.js`));
for (const [name, properties, data] of JSON.parse(readFileSync(0, "utf8"))) {
  issueCommand(name, Object.fromEntries(properties), data);
}
