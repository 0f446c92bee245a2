// What mini-programs have instead of fetch, with the rules of its documentation that clients trip over: the status may be text, an answer to
// a form always is; every answer is a success, whatever its status; nobody sets Content-Type of a form; the file is named after its path.
import { readFile } from 'node:fs/promises'
import http from 'node:http'

const TYPES = { jpg: 'image/jpeg', png: 'image/png', mp4: 'video/mp4' }
const LONGEST = 60000
const BOUNDARY = '----fakewx7MA4YWxk'

function headersOf(given) {
  const headers = {}
  for (const [name, value] of Object.entries(given || {})) headers[name.toLowerCase()] = String(value)
  if (headers.referer) throw new Error('Referer cannot be set')
  return headers
}

function send(method, url, headers, body, timeout, onSent) {
  let request
  const answer = new Promise((resolve, reject) => {
    if (timeout > LONGEST) throw new Error('more than a minute')
    request = http.request(url, { method, headers: { ...headers, ...(body ? { 'content-length': body.length } : {}) }, timeout: timeout || LONGEST }, response => {
      const chunks = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ statusCode: response.statusCode, header: response.headers, data: Buffer.concat(chunks).toString() }))
    })
    request.on('error', reject)
    request.on('timeout', () => request.destroy(new Error('timeout')))
    if (onSent) {
      onSent(50)
      request.on('finish', () => onSent(100))
    }
    request.end(body)
  })
  return { answer, abort: () => request && request.destroy(new Error('abort')) }
}

function tell({ success, fail, complete }, answer, what) {
  answer.then(
    result => {
      if (success) success(result)
      if (complete) complete(result)
    },
    error => {
      const result = { errMsg: what + ':fail ' + error.message }
      if (fail) fail(result)
      if (complete) complete(result)
    }
  )
}

export function fakeWx({ statusAsText = false, storage = {}, files = [] } = {}) {
  const status = answer => (statusAsText ? { ...answer, statusCode: String(answer.statusCode) } : answer)
  const shown = []
  const api = {
    shown,
    getStorageSync: name => storage[name] || '',
    chooseImage: ({ success }) => success({ tempFilePaths: files.map(file => file.path), tempFiles: files }),
    chooseMedia: ({ success }) => success({ tempFiles: files.map(({ path, size }) => ({ tempFilePath: path, size, fileType: 'image' })) }),
    showLoading: ({ title }) => shown.push(title),
    hideLoading() {},
    showToast({ title }) { api.onShown({ toast: title }) },
    previewImage({ urls }) { api.onShown({ url: urls[0] }) },

    request(options) {
      const headers = headersOf(options.header)
      const method = options.method || 'GET'
      const isText = typeof options.data === 'string'
      if (options.data && !headers['content-type']) headers['content-type'] = 'application/json'
      const body = options.data ? Buffer.from(isText ? options.data : JSON.stringify(options.data)) : null
      const sent = send(method, options.url, headers, body, options.timeout)
      const read = answer => {
        if (options.dataType && options.dataType !== 'json') return answer
        try {
          return { ...answer, data: JSON.parse(answer.data) }
        } catch {
          return answer
        }
      }
      tell(options, sent.answer.then(read).then(status), 'request')
      return { abort: sent.abort }
    },

    uploadFile(options) {
      const headers = headersOf(options.header)
      if (headers['content-type']) throw new Error('Content-Type of a form cannot be set')
      if (!options.name || !options.filePath) throw new Error('name and filePath are needed')
      const watchers = []
      let task
      const answer = readFile(options.filePath).then(content => {
        const name = options.filePath.split('/').pop()
        const parts = Object.entries(options.formData || {}).map(([field, value]) => {
          if (typeof value !== 'string') throw new Error('formData.' + field + ' is no text')
          return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`
        })
        const type = TYPES[name.split('.').pop()] || 'application/octet-stream'
        const head = parts.join('') + `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${options.name}"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`
        const body = Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)])
        headers['content-type'] = 'multipart/form-data; boundary=' + BOUNDARY
        task = send('POST', options.url, headers, body, options.timeout, progress => watchers.forEach(watch => watch({ progress })))
        return task.answer
      })
      tell(options, answer.then(status), 'uploadFile')
      return { abort: () => task && task.abort(), onProgressUpdate: watch => watchers.push(watch) }
    },
  }
  return api
}
