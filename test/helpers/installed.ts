import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A project with the built package in node_modules, as an installation lays it. */
export class InstalledProject {
  readonly folder = mkdtempSync(join(tmpdir(), "dualtext-project-"));

  constructor() {
    this.install("dualtext", "node_modules/dualtext");
  }

  /** Copies what npm would ship to a folder of the project, and gives its path. @param version in place of this one */
  install(name: string, place: string, version?: string): string {
    const folder = join(this.folder, place);
    mkdirSync(folder, { recursive: true });
    cpSync(join(root, "dist"), join(folder, "dist"), { recursive: true });
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ ...manifest, name, ...(version && { version }) }),
    );
    return folder;
  }

  /** Writes a file of the project and gives its path. */
  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
