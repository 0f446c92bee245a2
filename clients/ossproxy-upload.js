/*
 * Uploads files to OssProxy from browsers, uni-app and mini-programs: straight to OSS where that works, else by way of the server. One file
 * without dependencies in ES2018, because the compilers of mini-programs do not read everything that is newer.
 */

const WAYS = ['direct', 'gateway', 'proxy', 'local']

// Of the server, for one request of an upload in parts; and of mini-programs, which end every request after a minute, in ms.
const MOST_URLS = 100
const LONGEST_MINI_TIMEOUT = 60000

/**
 * Why an upload failed. `code` is the server's errorCode, the code of OSS, or one of NetworkFailed, TimedOut, Aborted, AnswerUnreadable;
 * `status` is 0 where nothing was answered; `message` is for people; `way` is where it happened; `stored` says that the file has arrived and
 * only its record has not been seen: it must not be sent again. `earlier` holds what went wrong in the ways before.
 */
export class UploadError extends Error {
  constructor(code, message, more) {
    super(message)
    Object.assign(this, { name: 'UploadError', code, status: 0, way: '', stored: false, passing: false, elsewhere: false, earlier: [] }, more)
  }
}

/**
 * @param {object} options
 *   baseUrl: address of the server. token: text, or a function that gives it, perhaps later.
 *   via: the ways in the order in which they are tried; 'local' has to be asked for, since it stores on the disk of one server.
 *   onProgress: called with 0 to 1, never with less than before. retries: further tries of each step. retryDelay: ms, doubled each time.
 *   timeout: ms; in browsers without any progress, in mini-programs altogether and at most a minute.
 *   partsAbove: bytes from which browsers send parts; partsAtOnce: how many. localDir: folder of 'local'.
 *   platform: 'browser', or an object with request and uploadFile (uni, wx); found by itself. transport, wait, random: for tests.
 * @returns {{upload: function}} upload(file, { imageClassId, onProgress, signal }) gives a promise of the record, which has abort().
 */
export function createUploader(options) {
  const settings = Object.assign({
    token: '', via: WAYS.slice(0, 3), retries: 2, retryDelay: 500, timeout: 60000, partsAbove: 20 * 1024 * 1024, partsAtOnce: 3,
    localDir: 'chatImgs', random: Math.random, wait: ms => new Promise(resolve => setTimeout(resolve, ms)),
  }, options)
  const unknown = settings.via.filter(way => WAYS.indexOf(way) < 0)
  if (unknown.length > 0) throw new RangeError('via: ' + unknown.join())
  settings.baseUrl = settings.baseUrl.replace(/\/+$/, '')
  settings.transport = settings.transport || transportFor(settings.platform, settings.timeout)
  return {
    upload(file, more) {
      const upload = new Upload(settings, describe(file), more || {})
      return Object.assign(upload.run(), { abort: () => upload.abort() })
    },
  }
}

class Upload {
  constructor(settings, file, more) {
    const classId = Number(more.imageClassId) || 0
    Object.assign(this, { settings, file, more, classId, best: -1, stopped: false, stops: new Set(), passed: new Set() })
    if (more.signal && more.signal.aborted) this.abort()
    else if (more.signal) more.signal.addEventListener('abort', () => this.abort())
  }

  async run() {
    const earlier = []
    this.report(0)
    if (this.settings.transport.load) await this.send('load', this.file)
    for (const way of this.settings.via) {
      if (this.passed.has(way)) continue
      try {
        const record = await this[way]()
        this.report(1)
        return Object.assign({}, record, { way })
      } catch (error) {
        // By its name: what old compilers make of a class that extends Error is no instance of it.
        if (error.name !== 'UploadError') throw error
        Object.assign(error, { way, earlier: earlier.slice() })
        earlier.push(error)
        if (!error.elsewhere) throw error
      }
    }
    throw earlier.pop()
  }

  abort() {
    this.stopped = true
    this.stops.forEach(stop => stop())
  }

  direct() {
    const { file, settings } = this
    return file.blob && file.isNamed && file.size > settings.partsAbove && settings.transport.put ? this.parts() : this.form('')
  }

  gateway() { return this.form('gateway') }
  proxy() { return this.relay('/api/chat/uploadAliyun', 'img', { imageClassId: String(this.classId) }) }
  local() { return this.relay('/api/chat/uploadStreamSingleToServerDiy/' + encodeURIComponent(this.settings.localDir), 'file', {}) }

  // The server says where to: where there is no OSS, or nobody shall go there, its own gateway.
  async form(via) {
    const { name, size, type, isNamed } = this.file
    const about = isNamed ? { file_name: name, size, content_type: type } : {}
    const grant = await this.begin('GET', '/oss/policy?' + queryOf(Object.assign({ version: '4', imageClassId: this.classId, via }, about)))
    if (/\/oss\/gateway$/.test(grant.host)) this.passed.add('gateway')

    // Where the server cannot tell the type by a name, it leaves the key to us and judges by the content.
    const key = grant.key || grant.dir + Date.now() + '-' + Math.floor(this.settings.random() * 1e9)
    const fields = Object.assign(grant.key ? {} : { key }, grant.fields)
    const got = await this.again(turn => this.postForm({ grant: grant.grant, key }, grant.host, fields, turn))
    return got.record || this.confirm({ grant: grant.grant, key }, got.status)
  }

  async postForm(about, host, fields, turn) {
    try {
      const answer = await this.post(host, 'file', fields, {})

      // An earlier turn has stored it, and its answer was lost: nothing of ours is ever written twice.
      if (turn > 0 && answer.status === 409) return answer
      if ([200, 201, 203, 204].indexOf(answer.status) < 0) throw refusalOf(answer)
      // What our server has told OSS, when OSS asked it.
      const told = jsonIn(answer.text)
      return { status: answer.status, record: told && told.data && told.data.url ? told.data : null }
    } catch (error) {
      if (!error.passing) throw error

      // Nobody knows whether it has arrived. To ask costs less than to send it again, and keeps the other ways from storing it twice.
      const record = await this.call('POST', '/oss/confirm', about).catch(unknown => {
        if (unknown.passing || unknown.code === 'ObjectMissing' || unknown.code === 'GrantNotFound') return null
        throw unknown
      })
      if (!record) throw error
      return { record }
    }
  }

  confirm(about, status) {
    const isPassing = error => error.passing || error.code === 'ObjectMissing'
    return this.again(() => this.call('POST', '/oss/confirm', about), isPassing).catch(error => {
      if (status === 203 && error.code === 'ObjectMissing') error.message = '文件没有通过检查，已被清除'
      throw arrived(error)
    })
  }

  async parts() {
    const { file, settings } = this
    const about = { file_name: file.name, size: file.size, content_type: file.type, imageClassId: this.classId }
    const plan = await this.begin('POST', '/oss/parts', about)
    const tell = (what, body, always) => this.call('POST', '/oss/parts/' + plan.grant + what, body || {}, always)
    const urls = {}
    const sent = {}
    let next = 1
    let broken = null
    const learn = views => views.forEach(view => { urls[view.number] = view.url })
    learn(plan.urls)

    const put = async number => {
      if (broken) throw broken
      const rest = Math.min(MOST_URLS, plan.parts - number + 1)
      if (!urls[number]) learn(await tell('/urls', { numbers: Array.from({ length: rest }, (_, at) => number + at) }))
      const start = (number - 1) * plan.part_size
      const body = file.blob.slice(start, Math.min(start + plan.part_size, file.size))
      const onProgress = bytes => {
        sent[number] = Math.min(bytes, body.size)
        this.report(Object.keys(sent).reduce((sum, one) => sum + sent[one], 0) / file.size * 0.99)
      }
      const answer = await this.send('put', { url: urls[number], body, onProgress })
      if (answer.status !== 200) throw refusalOf(answer)
      onProgress(body.size)
    }
    const work = async () => {
      for (let number = next++; number <= plan.parts; number = next++) await this.again(() => put(number))
    }

    try {
      await Promise.all(Array.from({ length: Math.min(settings.partsAtOnce, plan.parts) }, work))
    } catch (error) {
      // The other parts are of no use any more; the store keeps what it has until it is told.
      broken = error
      this.stops.forEach(stop => stop())
      await tell('/abort', {}, true).catch(() => null)
      throw error
    }
    return this.again(() => tell('/complete')).catch(error => { throw arrived(error) })
  }

  relay(path, field, fields) {
    return this.again(async () => {
      const answer = await this.post(this.settings.baseUrl + path, field, fields, await this.headers())
      const told = dataIn(answer)
      return Array.isArray(told) ? told[0] : told
    })
  }

  // The first request of a way. A server that does not know it has only the ways that are older.
  begin(method, path, body) {
    return this.again(() => this.call(method, path, body)).catch(error => {
      if (error.status === 404 || error.status === 405) error.elsewhere = true
      if (error.status === 0) this.passed.add('gateway')
      throw error
    })
  }

  async again(action, isPassing) {
    for (let turn = 0; ; turn++) {
      try {
        return await action(turn)
      } catch (error) {
        if (!(isPassing ? isPassing(error) : error.passing) || turn >= this.settings.retries) throw error
      }
      await this.settings.wait(this.settings.retryDelay * Math.pow(2, turn) * (0.5 + this.settings.random() / 2))
    }
  }

  async headers() {
    const { token } = this.settings
    const text = typeof token === 'function' ? await token() : token
    return text ? { token: text } : {}
  }

  async call(method, path, body, always) {
    const headers = Object.assign(await this.headers(), body ? { 'Content-Type': 'application/json' } : {})
    return dataIn(await this.send('ask', { method, url: this.settings.baseUrl + path, headers, body: body && JSON.stringify(body) }, always))
  }

  post(url, field, fields, headers) {
    const onProgress = (bytes, all) => this.report(bytes / (all || Infinity) * 0.99)
    return this.send('post', { url, field, fields, headers, file: this.file, onProgress })
  }

  async send(kind, request, always) {
    let stop
    try {
      if (this.stopped && !always) throw new Error('stopped')
      return await this.settings.transport[kind](request, abort => this.stops.add(stop = abort))
    } catch (cause) {
      if (this.stopped) throw new UploadError('Aborted', '上传已取消')
      const isLate = /time/i.test((cause && (cause.message || cause.errMsg)) || '')
      const [code, message] = isLate ? ['TimedOut', '网络超时，请稍后重试'] : ['NetworkFailed', '网络连接失败，请检查网络后重试']
      throw new UploadError(code, message, { cause, passing: true, elsewhere: true })
    } finally {
      this.stops.delete(stop)
    }
  }

  report(done) {
    if (done <= this.best || (this.stopped && done < 1)) return
    this.best = done
    for (const tell of [this.settings.onProgress, this.more.onProgress]) if (tell) tell(done)
  }
}

// Blobs of browsers, and what the choosers of uni-app and mini-programs hand out.
function describe(file) {
  const blob = typeof Blob !== 'undefined' && file instanceof Blob ? file : null
  const given = typeof file === 'string' ? { filePath: file } : file
  const filePath = blob ? '' : given.filePath || given.tempFilePath || given.path || ''
  const name = Array.from(given.name || filePath.split(/[?#]/)[0].split(/[\\/]/).pop()).slice(-100).join('')
  const type = given.type && given.type.indexOf('/') > 0 ? given.type : ''
  return { blob, filePath, name, type, size: given.size, isNamed: type !== '' || /\.\w{1,10}$/.test(name) }
}

function queryOf(values) {
  const names = Object.keys(values).filter(name => values[name] !== undefined && values[name] !== '')
  return names.map(name => name + '=' + encodeURIComponent(values[name])).join('&')
}

function jsonIn(text) {
  try { return JSON.parse(text) } catch (notJson) { return null }
}

// Somebody in between may answer 200 with a page of their own.
function dataIn(answer) {
  if (answer.status !== 200) throw refusalOf(answer)
  const told = jsonIn(answer.text)
  if (told && told.data) return told.data
  throw new UploadError('AnswerUnreadable', '服务器的应答无法识别', { status: 200, passing: true, elsewhere: true })
}

// An answer that is no success: of our server in JSON, of OSS in XML, of something in between as it likes.
function refusalOf({ status, text }) {
  const [told, xml] = [jsonIn(text) || {}, /<Code>(\w+)<\/Code>/.exec(text || '')]
  const code = told.errorCode || (xml ? xml[1] : 'Http' + status)
  const passing = status === 0 || status === 408 || code === 'RequestTimeout' || (status >= 500 && status !== 501)
  const message = told.msg || '上传没有成功（' + status + (xml ? ' ' + code : '') + '）'
  return new UploadError(code, message, { status, requestId: told.requestId, passing, elsewhere: passing || status === 501 })
}

// After the file: to send it another way would store it twice, and the server finds it by itself.
const arrived = error => (error.passing ? Object.assign(error, { stored: true, elsewhere: false }) : error)

function transportFor(platform, timeout) {
  const hasPages = typeof document !== 'undefined' && typeof XMLHttpRequest !== 'undefined' && typeof FormData !== 'undefined'
  if (platform === 'browser' || (!platform && hasPages)) return browserTransport(timeout)
  const api = platform || (typeof uni !== 'undefined' ? uni : typeof wx !== 'undefined' ? wx : null)
  if (!api || !api.uploadFile) throw new TypeError('platform: neither a browser nor uni nor wx')
  return miniTransport(api, Math.min(timeout, LONGEST_MINI_TIMEOUT))
}

// Three requests, each { status, text } or a rejection where nothing was answered: ask (small), post (a form, its file last), put (a part).
function browserTransport(timeout) {
  const send = ({ method, url, headers, body, onProgress, wanted }, watch) => new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    let timer
    // A total would end large files on slow lines; what counts is that something moves.
    const wind = () => {
      clearTimeout(timer)
      timer = setTimeout(() => reject(new Error('timeout')) || xhr.abort(), timeout)
    }
    xhr.open(method, url)
    xhr.responseType = wanted || 'text'
    Object.keys(headers || {}).forEach(name => xhr.setRequestHeader(name, headers[name]))
    if (onProgress) xhr.upload.onprogress = event => wind() || onProgress(event.loaded, event.total)
    xhr.onload = () => resolve({ status: xhr.status, text: wanted ? '' : xhr.response, blob: xhr.response })
    xhr.onerror = xhr.onabort = () => reject(new Error('network'))
    xhr.onloadend = () => clearTimeout(timer)
    watch(() => xhr.abort())
    wind()
    xhr.send(body || null)
  })
  return {
    ask: send,
    put: (request, watch) => send(Object.assign({ method: 'PUT' }, request), watch),
    post({ url, field, fields, headers, file, onProgress }, watch) {
      const body = new FormData()
      Object.keys(fields).forEach(name => body.append(name, fields[name]))
      body.append(field, file.blob, file.name || 'file')
      return send({ method: 'POST', url, headers, body, onProgress }, watch)
    },
    // uni-app hands out addresses of blobs in H5.
    async load(file, watch) {
      const { blob, status } = file.blob ? file : await send({ method: 'GET', url: file.filePath, wanted: 'blob' }, watch)
      if (status >= 300) throw new UploadError('FileUnreadable', '文件无法读取', { status })
      Object.assign(file, { blob, size: blob.size, type: file.type || blob.type, isNamed: file.isNamed || blob.type !== '' })
    },
  }
}

function miniTransport(api, timeout) {
  const run = (method, watch, request, onProgress) => new Promise((resolve, reject) => {
    // Some platforms give the status as text, and what looks like JSON as an object.
    const success = ({ statusCode, data }) => resolve({ status: Number(statusCode), text: typeof data === 'string' ? data : JSON.stringify(data) })
    const task = api[method](Object.assign({ timeout, success, fail: reject }, request))
    if (task && task.abort) watch(() => task.abort())
    if (onProgress && task && task.onProgressUpdate) task.onProgressUpdate(now => onProgress(now.progress, 100))
  })
  return {
    ask: ({ method, url, headers, body }, watch) =>
      run('request', watch, Object.assign({ method, url, header: headers, dataType: 'text' }, body ? { data: body } : {})),
    post({ url, field, fields, headers, file, onProgress }, watch) {
      // Content-Type is left to the platform, which alone knows the boundary; Alipay wants to be told what kind of file it is.
      const kind = /\.(mp4|mov|m4v|3gp|webm)$/i.test(file.name) ? 'video' : /\.(mp3|m4a|aac|amr|wav|ogg)$/i.test(file.name) ? 'audio' : 'image'
      return run('uploadFile', watch, { url, filePath: file.filePath, name: field, formData: fields, header: headers, fileType: kind }, onProgress)
    },
  }
}
