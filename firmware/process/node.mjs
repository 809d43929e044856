// Runs mcu.py on MicroPython's WebAssembly port in Node: node node.mjs MICROPYTHON_MODULE FIRMWARE_FOLDER HEAP_BYTES
// Lines come on standard input and go to standard output. Ends when the other side is gone.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [module, firmware, heap] = process.argv.slice(2);
const { loadMicroPython } = await import(pathToFileURL(module).href);

const piece = Buffer.alloc(65536);
let rest = "";

function readLine() {
  for (;;) {
    const end = rest.indexOf("\n");
    if (end >= 0) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      return line;
    }
    const count = fs.readSync(0, piece);
    if (count === 0) process.exit(0);
    rest += piece.toString("latin1", 0, count);
  }
}

function writeLine(line) {
  let data = Buffer.from(line + "\n", "latin1");
  try {
    while (data.length) data = data.subarray(fs.writeSync(1, data));
  } catch {
    process.exit(0);
  }
}

function copyFolder(from, to) {
  python.FS.mkdir(to);
  for (const entry of fs.readdirSync(from, { withFileTypes: true }))
    if (entry.isDirectory()) copyFolder(path.join(from, entry.name), `${to}/${entry.name}`);
    else if (/\.m?py$/.test(entry.name))
      python.FS.writeFile(`${to}/${entry.name}`, fs.readFileSync(path.join(from, entry.name)));
}

const python = await loadMicroPython({
  heapsize: Number(heap),
  stdout: (line) => process.stderr.write(line + "\n"),
});
copyFolder(firmware, "/firmware");
python.registerJsModule("port", {
  ask(line) {
    writeLine(line);
    return readLine();
  },
});
python.runPython('import sys\nsys.path.append("/")\nfrom firmware.process.mcu import handle');
const handle = python.globals.get("handle");
for (;;) writeLine(handle(readLine()));
