// SPDX-License-Identifier: MIT
// Prints as JSON what sops-age reads in the dotenv file FILE with the key KEY: `node read.mjs FILE KEY`. It checks no MAC.
import { readFileSync } from "node:fs";
import { decryptSops } from "sops-age";

const [file, key] = process.argv.slice(2);
const values = await decryptSops(readFileSync(file, "utf8"), { secretKey: key, fileType: "env" });
process.stdout.write(JSON.stringify(values));
