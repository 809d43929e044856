// Runs a script over the firmware on real MicroPython: node run.mjs FIRMWARE_FOLDER BOARD_JSON SCRIPT
// A line "# -- NAME" or "# -- NAME, 40 times" begins a part. After each part memory is collected, which here happens only
// between two calls, and "NAME uses BYTES" is printed.
import fs from "node:fs";
import path from "node:path";
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";

const [folder, board, script] = process.argv.slice(2);
const python = await loadMicroPython({ heapsize: 256 * 1024, stdout: (line) => console.log(line) });

function copyFolder(from, to) {
  python.FS.mkdir(to);
  for (const entry of fs.readdirSync(from, { withFileTypes: true }))
    if (entry.isDirectory()) copyFolder(path.join(from, entry.name), `${to}/${entry.name}`);
    else if (/\.m?py$/.test(entry.name))
      python.FS.writeFile(`${to}/${entry.name}`, fs.readFileSync(path.join(from, entry.name)));
}

function run(text) {
  try {
    python.runPython(text);
  } catch (error) {
    console.log(error.message);
    process.exit(1);
  }
}

copyFolder(folder, "/firmware");
python.FS.writeFile("/stage_board.py", fs.readFileSync(path.join(path.dirname(script), "stage_board.py")));
python.FS.mkdir("/flash");
python.FS.writeFile("/board.json", fs.readFileSync(board));
run('import gc, os, sys\ngc.threshold(16384)\nsys.path.append("/")\nBOARD, FLASH = "/board.json", "/flash"');
const [first, ...parts] = fs.readFileSync(script, "utf8").split(/^# -- /m);
run(first);
for (const part of parts) {
  const [, name, times] = /^([^,\n]+)(?:, (\d+) times)?$/m.exec(part);
  const text = part.slice(part.indexOf("\n"));
  for (let turn = 0; turn < Number(times ?? 1); turn += 1) run(text);
  run("gc.collect()");
  run(`print("${name} uses", gc.mem_alloc())`);
}
