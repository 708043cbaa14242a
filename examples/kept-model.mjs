// Keeps models in a browser, two ways: as files in the origin private file system, or as blobs in IndexedDB, which also
// works in pages of Safari before 26. Either keeps a model whole or not at all. docs/browser.md explains.
import { loadModel, saveModelBlob } from "dualtext";

/** @typedef {import("dualtext").Model} Model */

export const fileSystem = {
  /**
   * @param {string} name
   * @param {Model} model
   */
  async keep(name, model) {
    const folder = await navigator.storage.getDirectory();
    const file = await folder.getFileHandle(name, { create: true });
    // What is written becomes the file when the stream is closed, all at once.
    await saveModelBlob(model)
      .stream()
      .pipeTo(await file.createWritable());
  },

  /**
   * The model kept under that name, or undefined.
   * @param {string} name
   */
  async get(name) {
    const folder = await navigator.storage.getDirectory();
    try {
      const file = await (await folder.getFileHandle(name)).getFile();
      // A tab that was closed while it kept its first model leaves an empty file.
      return file.size === 0 ? undefined : await loadModel(file);
    } catch (error) {
      if (error instanceof DOMException && error.name === "NotFoundError") return undefined;
      throw error;
    }
  },
};

const STORE = "models";

/** @returns {Promise<IDBDatabase>} */
function openDatabase() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("dualtext", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

/**
 * Runs one request in a transaction of its own and gives its result when the transaction is complete.
 * @template Result
 * @param {IDBTransactionMode} mode
 * @param {(models: IDBObjectStore) => IDBRequest<Result>} ask
 * @returns {Promise<Result>}
 */
async function transact(mode, ask) {
  const database = await openDatabase();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = ask(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

export const database = {
  /**
   * @param {string} name
   * @param {Model} model
   */
  async keep(name, model) {
    const blob = saveModelBlob(model);
    await transact("readwrite", (models) => models.put(blob, name));
  },

  /**
   * The model kept under that name, or undefined.
   * @param {string} name
   */
  async get(name) {
    const blob = await transact("readonly", (models) => models.get(name));
    return blob && loadModel(blob);
  },
};
