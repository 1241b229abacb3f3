// A network in the page: an ONNX file, run by ONNX Runtime; both are loaded when somebody asks.

const script = document.currentScript?.src;
const addressOf = (path) => new URL(path, script).href;

// The bytes of a file. `came(n)` is called for each n bytes that have come.
async function fetched(path, came) {
  const response = await fetch(addressOf(path));
  if (!response.ok) throw new TypeError(`${response.status} ${response.statusText}`);
  const parts = [];
  const reader = response.body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    parts.push(read.value);
    came(read.value.length);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

// Load a network. `files` are the addresses of the runtime, its WebAssembly and the network, seen
// from the script; `told(bytes)` hears how many bytes have come.
export async function loadNetwork({ runtime, wasm, network }, told) {
  let bytes = 0;
  const came = (more) => told((bytes += more));
  try {
    const [ort, wasmBinary, graph] = await Promise.all([
      import(addressOf(runtime)),
      fetched(wasm, came),
      fetched(network, came),
    ]);
    Object.assign(ort.env.wasm, { wasmBinary, numThreads: 1 });
    return new Network(ort, await ort.InferenceSession.create(graph, { executionProviders: ["wasm"] }));
  } catch (problem) {
    throw new RangeError(`The network could not be loaded (${problem.message}): try once more.`);
  }
}

class Network {
  #last = Promise.resolve();

  constructor(ort, session) {
    this.ort = ort;
    this.session = session;
  }

  // What the network makes of some images (grids of one size): of each of the named outputs its
  // numbers, image by image. One run waits for the other, whatever comes of it.
  run(images, names) {
    const [{ height, width }] = images;
    const pixels = new Float32Array(images.length * height * width);
    images.forEach(({ data }, n) => pixels.set(data, n * height * width));
    const feeds = { images: new this.ort.Tensor("float32", pixels, [images.length, 1, height, width]) };
    this.#last = this.#last.catch(() => {}).then(async () => {
      const outputs = await this.session.run(feeds, names);
      return Object.fromEntries(names.map((name) => [name, outputs[name].data]));
    });
    return this.#last;
  }
}
