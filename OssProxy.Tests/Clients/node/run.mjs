// Runs one client in node: run.mjs <folder of clients> <what> <server> <token> <photo> [options as JSON]. Prints what came of it as JSON.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fakeWx } from './fake-wx.mjs'
import { seedUpload } from './seed.mjs'

const [, , folder, what, server, token, photo, more] = process.argv
const options = more ? JSON.parse(more) : {}
const load = name => import(pathToFileURL(join(folder, name)))
const { size } = await stat(photo)
const api = fakeWx({ storage: { token }, files: [{ path: photo, size }], statusAsText: options.statusAsText })

const clients = {
  async kit() {
    const { createUploader } = await load('ossproxy-upload.js')
    const progress = []
    const uploader = createUploader({ baseUrl: server, token, platform: api, retryDelay: 1, timeout: 300000, ...options.uploader })
    const record = await uploader.upload({ filePath: photo, size }, { onProgress: done => progress.push(done), imageClassId: options.imageClassId })
    return { record, progress }
  },
  seed: () => seedUpload(api, server, token, photo, options.query),
  async bare() {
    globalThis.wx = api
    const { upload } = await load('examples/bare-form.js')
    return { record: await new Promise((resolve, reject) => upload(photo, (error, record) => (error ? reject(error) : resolve(record)))) }
  },
  async wechat() {
    globalThis.wx = api
    return pick('examples/wechat.js')
  },
  async uni() {
    globalThis.uni = api
    return pick('examples/uni-app.js')
  },
}

async function pick(example) {
  const { pickAndUpload } = await load(example)
  const shown = await new Promise(resolve => {
    api.onShown = resolve
    pickAndUpload()
  })
  return { ...shown, progress: api.shown }
}

clients[what]().then(
  result => console.log(JSON.stringify(result)),
  ({ name, code, status, message, way, stored }) => console.log(JSON.stringify({ error: { name, code, status, message, way, stored } }))
)
