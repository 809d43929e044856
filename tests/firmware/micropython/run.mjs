// Runs play.py over the firmware on real MicroPython: node run.mjs FIRMWARE_FOLDER BOARD_JSON PLAY
import fs from "node:fs";
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";

const [folder, board, play] = process.argv.slice(2);
const python = await loadMicroPython({ heapsize: 4 * 1024 * 1024, stdout: (line) => console.log(line) });
python.FS.mkdir("/firmware");
python.FS.mkdir("/flash");
python.FS.mkdir("/firmware/drivers");
for (const part of ["", "drivers/"])
  for (const name of fs.readdirSync(`${folder}/${part}`).filter((name) => name.endsWith(".py")))
    python.FS.writeFile(`/firmware/${part}${name}`, fs.readFileSync(`${folder}/${part}${name}`));
python.FS.writeFile("/board.json", fs.readFileSync(board));
const source = fs.readFileSync(play, "utf8");
try {
  python.runPython(`import sys\nsys.path.append("/")\nBOARD, FLASH = "/board.json", "/flash"\n${source}`);
} catch (error) {
  console.log(error.message);
  process.exit(1);
}
