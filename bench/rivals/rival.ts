import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { answerOf } from "./commands.js";

/** A program or library that is measured beside ours. */
export interface Rival {
  readonly name: string;
  /** What is installed: several rivals may be settings of one program. */
  readonly program: string;
  /** Its version on this machine, or why it is absent and how to get it. */
  presence(): Presence;
}

/** How thoroughly things are measured. */
export interface Effort {
  /** Seconds that one run of a rival may take. */
  readonly limit: number;
  /** The smallest objective gap that is aimed at, in nats. */
  readonly finestGap: number;
  /** How often a short run is repeated, for its median. */
  readonly repeats: number;
}

export type Presence =
  | { readonly version: string; readonly absent?: undefined }
  | { readonly version?: undefined; readonly absent: string };

/** The path of a file of this folder. */
export const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The interpreter for Python scripts: PYTHON, else Debian's own, where python3-sklearn is, else the one found. */
export const python = process.env.PYTHON ?? (existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3");

/** Asks once: presence does not change while a run lasts. */
function once(find: () => Presence): () => Presence {
  let known: Presence | undefined;
  return () => {
    known ??= find();
    return known;
  };
}

export const scikitLearn = once(() => {
  const answer = answerOf(python, [here("python/versions.py")]);
  if (!answer?.startsWith("{"))
    return {
      absent: "scikit-learn is not installed (apt-get install python3-sklearn; PYTHON names another python3)",
    };
  const versions = JSON.parse(answer) as Record<string, string>;
  return { version: `${versions["scikit-learn"]}, scipy ${versions.scipy}, Python ${versions.python}` };
});

export const gcc = once(() => {
  const version = /^gcc.*? ([\d.]+)$/m.exec(answerOf("gcc", ["--version"]) ?? "")?.[1];
  return version ? { version } : { absent: "gcc is not installed (apt-get install gcc libc6-dev)" };
});

export const liblinear = once(() => {
  const header = "/usr/include/linear.h";
  if (gcc().absent || !existsSync(header))
    return { absent: "liblinear is not installed (apt-get install gcc liblinear-dev)" };
  const version = /LIBLINEAR_VERSION (\d+)/.exec(readFileSync(header, "utf8"))?.[1];
  return { version: version ? `${Number(version) / 100}` : "of unknown version" };
});

export const fastText = once(() => {
  if (answerOf("fasttext", []) === undefined)
    return { absent: "fastText is not installed (apt-get install fasttext)" };
  const debian = answerOf("dpkg-query", ["-s", "fasttext"]);
  return { version: /^Version: ([\d.]+)/m.exec(debian ?? "")?.[1] ?? "of unknown version" };
});

export const glmnet = once(() => {
  const answer = answerOf("Rscript", [
    "-e",
    "cat('glmnet', as.character(packageVersion('glmnet')), R.version.string)",
  ]);
  return answer?.startsWith("glmnet ")
    ? { version: answer.slice(7) }
    : { absent: "glmnet is not installed (apt-get install r-cran-glmnet)" };
});

/** The built oracle of test/mlnet. */
export const oracle = process.env.ORACLE;
export const mlnet = once(() =>
  oracle && existsSync(oracle)
    ? {
        version:
          /Microsoft\.ML" Version="([^"]+)/.exec(
            readFileSync(here("../../test/mlnet/oracle.csproj"), "utf8"),
          )?.[1] ?? "unknown",
      }
    : { absent: "the oracle is not built (test/mlnet/README.md; ORACLE names its executable)" },
);

/** A package of bench/rivals/javascript. */
export function npmPackage(name: string): () => Presence {
  return once(() => {
    const at = here(`javascript/node_modules/${name}/package.json`);
    return existsSync(at)
      ? { version: (createRequire(import.meta.url)(at) as { version: string }).version }
      : { absent: `the package is not installed (npm install --prefix bench/rivals/javascript)` };
  });
}
