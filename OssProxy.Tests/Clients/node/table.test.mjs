// What is tried again, what is tried another way, and what is told at once: a transport that answers by a script stands for the network.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createUploader } from '../../../clients/ossproxy-upload.js'

const BASE = 'http://server'
const ROW = { id: 7, url: 'http://oss/a.jpg', path: 'a.jpg', image_class_id: 0, create_time: 1 }
const PHOTO = { filePath: '/tmp/a.jpg', size: 100 }
const network = () => { throw new Error('connection reset') }
const answer = (status, text = '') => () => ({ status, text })
const refusal = (status, errorCode) => answer(status, JSON.stringify({ code: status, msg: '原因' + errorCode, data: '', errorCode, requestId: 'r1' }))
const ok = data => answer(200, JSON.stringify({ code: 200, msg: 'ok', data }))
const policy = (host = 'http://oss') => ok({ grant: 'g', host, dir: 'd/', key: 'a.jpg', fields: { key: 'a.jpg', policy: 'p', 'x-oss-signature': 's' } })
const missing = refusal(404, 'ObjectMissing')

// Each line of a script is one request: what is asked for, and what happens. Another request, or one too few, fails the test.
function scripted(lines, options, extra) {
  const left = lines.slice()
  const seen = []
  const take = kind => async request => {
    const path = request.url.replace(BASE, '').split('?')[0]
    seen.push({ kind, path, ...request })
    const line = left.shift()
    assert.ok(line, 'nobody expected ' + kind + ' ' + path)
    assert.equal(kind + ' ' + path, line[0])
    return line[1](request)
  }
  const waits = []
  const uploader = createUploader({
    baseUrl: BASE + '/', retries: 1, retryDelay: 100, random: () => 0.5, wait: async ms => { waits.push(ms) },
    transport: { ask: take('ask'), post: take('post'), ...extra, ...(extra && extra.put ? { put: take('put') } : {}) }, ...options,
  })
  return { uploader, seen, waits, rest: left }
}

async function run(lines, options, file = PHOTO, more, extra) {
  const script = scripted(lines, options, extra)
  const result = await script.uploader.upload(file, more).then(record => ({ record }), error => ({ error }))
  assert.deepEqual(script.rest.map(line => line[0]), [], result.error && result.error.stack)
  return { ...result, ...script }
}

test('a file goes straight to the store, its fields in order, and what is confirmed comes back', async () => {
  const { record, seen } = await run(
    [['ask /oss/policy', policy()], ['post http://oss', answer(200)], ['ask /oss/confirm', ok(ROW)]], { token: async () => 't' }, PHOTO, { imageClassId: 3 })
  assert.deepEqual(record, { ...ROW, way: 'direct' })
  assert.match(seen[0].url, /\?version=4&imageClassId=3&file_name=a\.jpg&size=100$/)
  assert.deepEqual(seen[0].headers, { token: 't' })
  assert.deepEqual([Object.keys(seen[1].fields), seen[1].field, seen[1].headers], [['key', 'policy', 'x-oss-signature'], 'file', {}])
  assert.equal(seen[2].body, '{"grant":"g","key":"a.jpg"}')
})

for (const status of [200, 201, 203, 204]) {
  test(`${status} from the store is a success`, async () => {
    const { record } = await run([['ask /oss/policy', policy()], ['post http://oss', answer(status)], ['ask /oss/confirm', ok(ROW)]])
    assert.equal(record.id, 7)
  })
}

test('the record that the store was called back with saves the confirmation', async () => {
  const { record } = await run([['ask /oss/policy', policy()], ['post http://oss', ok(ROW)]])
  assert.equal(record.id, 7)
})

test('a store that does not answer is tried again and left for the gateway, and each time it is asked whether the file has come', async () => {
  const { record, waits } = await run([
    ['ask /oss/policy', policy()], ['post http://oss', network], ['ask /oss/confirm', missing], ['post http://oss', network], ['ask /oss/confirm', missing],
    ['ask /oss/policy', policy(BASE + '/oss/gateway')], ['post /oss/gateway', answer(200)], ['ask /oss/confirm', ok(ROW)]])
  assert.equal(record.way, 'gateway')
  assert.deepEqual(waits, [75])
})

test('a store whose answer was lost has stored all the same, and nothing is sent twice', async () => {
  const { record } = await run([['ask /oss/policy', policy()], ['post http://oss', network], ['ask /oss/confirm', ok(ROW)]])
  assert.equal(record.way, 'direct')
})

test('a second try that is told of its first is confirmed', async () => {
  const taken = answer(409, '<Error><Code>FileAlreadyExists</Code></Error>')
  const { record } = await run([
    ['ask /oss/policy', policy()], ['post http://oss', network], ['ask /oss/confirm', network], ['post http://oss', taken], ['ask /oss/confirm', ok(ROW)]])
  assert.equal(record.id, 7)
})

for (const status of [500, 502, 503, 504, 408]) {
  test(`${status} is tried again, then another way`, async () => {
    const { record } = await run([
      ['ask /oss/policy', policy()], ['post http://oss', answer(status)], ['ask /oss/confirm', missing], ['post http://oss', answer(status)],
      ['ask /oss/confirm', missing], ['post /api/chat/uploadAliyun', ok([ROW])]], { via: ['direct', 'proxy'] })
    assert.equal(record.way, 'proxy')
  })
}

for (const code of ['DirectUploadOff', 'RecordsOff']) {
  test(`${code} is not tried again, but another way`, async () => {
    const { record, seen } = await run([
      ['ask /oss/policy', refusal(501, code)], ['ask /oss/policy', refusal(501, code)], ['post /api/chat/uploadAliyun', ok([ROW])]], {}, PHOTO, { imageClassId: 5 })
    assert.equal(record.way, 'proxy')
    assert.deepEqual([seen[2].field, seen[2].fields], ['img', { imageClassId: '5' }])
  })
}

for (const status of [404, 405]) {
  test(`a server that answers ${status} is older than direct uploads and has the other ways`, async () => {
    const { record } = await run([['ask /oss/policy', answer(status)], ['post /api/chat/uploadAliyun', ok([ROW])]], { via: ['direct', 'proxy'] })
    assert.equal(record.way, 'proxy')
  })
}

test('a grant that is for the gateway already is not asked for once more', async () => {
  const { record } = await run([
    ['ask /oss/policy', policy(BASE + '/oss/gateway')], ['post /oss/gateway', answer(503)], ['ask /oss/confirm', missing], ['post /api/chat/uploadAliyun', ok([ROW])]],
  { retries: 0 })
  assert.equal(record.way, 'proxy')
})

test('the disk of the server is the last way and only for who asks for it', async () => {
  const { record, seen } = await run(
    [['post /api/chat/uploadAliyun', answer(502)], ['post /api/chat/uploadStreamSingleToServerDiy/a_b', ok({ url: '/public/x.jpg' })]],
    { via: ['proxy', 'local'], retries: 0, localDir: 'a_b' })
  assert.deepEqual(record, { url: '/public/x.jpg', way: 'local' })
  assert.equal(seen[1].field, 'file')
  const { error } = await run([['ask /oss/policy', network], ['post /api/chat/uploadAliyun', answer(502)]], { retries: 0 })
  assert.deepEqual([error.way, error.status, error.earlier.map(one => one.way + ' ' + one.code)], ['proxy', 502, ['direct NetworkFailed']])
})

for (const [status, code] of [[413, 'FileTooLarge'], [415, 'TypeNotAllowed'], [401, 'TokenMissing'], [403, 'ClassClosed'], [429, 'DailyLimitReached'], [422, 'FieldInvalid']]) {
  test(`${status} ${code} is told as it is, at once, in every way`, async () => {
    for (const [lines, way] of [
      [[['ask /oss/policy', refusal(status, code)]], 'direct'],
      [[['ask /oss/policy', policy()], ['post http://oss', answer(204)], ['ask /oss/confirm', refusal(status, code)]], 'direct'],
      [[['post /api/chat/uploadAliyun', refusal(status, code)]], 'proxy'],
    ]) {
      const { error, waits } = await run(lines, { via: way === 'proxy' ? ['proxy', 'local'] : ['direct', 'gateway', 'proxy'] })
      assert.deepEqual([error.name, error.code, error.status, error.message, error.way, error.requestId, waits], ['UploadError', code, status, '原因' + code, way, 'r1', []])
    }
  })
}

test('what the store refuses is told with its code', async () => {
  const { error } = await run([['ask /oss/policy', policy()], ['post http://oss', answer(403, '<?xml?><Error><Code>AccessDenied</Code></Error>')]])
  assert.deepEqual([error.code, error.status, error.way], ['AccessDenied', 403, 'direct'])
})

test('a file that has arrived is waited for, and never sent another way', async () => {
  const late = [['ask /oss/policy', policy()], ['post http://oss', answer(204)], ['ask /oss/confirm', missing]]
  assert.equal((await run([...late, ['ask /oss/confirm', ok(ROW)]])).record.id, 7)
  const { error } = await run([...late, ['ask /oss/confirm', answer(503)]])
  assert.deepEqual([error.status, error.stored, error.elsewhere], [503, true, false])
})

test('a file that the callback had removed is not called unfinished', async () => {
  const { error } = await run([['ask /oss/policy', policy()], ['post http://oss', answer(203)], ['ask /oss/confirm', missing], ['ask /oss/confirm', missing]])
  assert.equal(error.message, '文件没有通过检查，已被清除')
})

test('a page that somebody in between answers is no success', async () => {
  const { error } = await run([['post /api/chat/uploadAliyun', answer(200, '<html>sign in</html>')]], { via: ['proxy'], retries: 0 })
  assert.equal(error.code, 'AnswerUnreadable')
})

test('delays double and keep a part that is chance', async () => {
  const { waits } = await run(Array(4).fill(['post /api/chat/uploadAliyun', network]), { via: ['proxy'], retries: 3, random: () => 0 })
  assert.deepEqual(waits, [50, 100, 200])
  const { waits: longer } = await run(Array(2).fill(['post /api/chat/uploadAliyun', network]), { via: ['proxy'], random: () => 0.999 })
  assert.ok(longer[0] > 99 && longer[0] <= 100)
})

test('progress never goes back, neither at another try nor another way, and ends at one', async () => {
  const seen = []
  const at = (bytes, then) => request => { bytes.forEach(one => request.onProgress(one, 100)); return then(request) }
  await run([
    ['ask /oss/policy', policy()], ['post http://oss', at([10, 80], network)], ['ask /oss/confirm', missing], ['post http://oss', at([5, 90], network)],
    ['ask /oss/confirm', missing], ['post /api/chat/uploadAliyun', at([1, 95, 100], ok([ROW]))]], { via: ['direct', 'proxy'], onProgress: done => seen.push(done) })
  assert.deepEqual(seen, [0, 0.099, 0.792, 0.891, 0.9405, 0.99, 1])
})

test('a name that says nothing gets a grant for its folder, and the content decides', async () => {
  const open = ok({ grant: 'g', host: 'http://oss', dir: 'uploads/7/', fields: { policy: 'p' } })
  const { seen } = await run([['ask /oss/policy', open], ['post http://oss', answer(204)], ['ask /oss/confirm', ok(ROW)]], {}, { filePath: '/tmp/blob', size: 3 })
  assert.match(seen[0].url, /\?version=4&imageClassId=0$/)
  assert.deepEqual(Object.keys(seen[1].fields), ['key', 'policy'])
  assert.match(seen[1].fields.key, /^uploads\/7\/\d{13}-500000000$/)
  assert.equal(JSON.parse(seen[2].body).key, seen[1].fields.key)
})

test('what choosers of files hand out is understood', async () => {
  for (const file of ['wxfile://tmp/猫 1.png', { path: 'blob:1/猫 1.png', size: 1 }, { tempFilePath: 'C:\\x\\猫 1.png?x=1', size: 1, fileType: 'image' }]) {
    const { seen } = await run([['ask /oss/policy', refusal(415, 'TypeNotAllowed')]], {}, file)
    assert.match(decodeURIComponent(seen[0].url), /file_name=猫 1\.png/)
  }
})

test('an upload that is called off asks for nothing more', async () => {
  for (const stop of [promise => promise.abort(), (promise, signal) => signal.abort()]) {
    const signal = new AbortController()
    const script = scripted([['ask /oss/policy', policy()], ['post http://oss', () => { stop(promise, signal); return network() }]])
    const promise = script.uploader.upload(PHOTO, { signal: signal.signal })
    await assert.rejects(promise, { code: 'Aborted', message: '上传已取消' })
    assert.equal(script.rest.length, 0)
  }
})

const large = new Blob([new Uint8Array(25)], { type: 'video/mp4' })
large.name = 'a.mp4'
const put = { put: true }
const plan = (parts = 3, urls = [1, 2, 3]) =>
  ok({ grant: 'g', key: 'a.mp4', part_size: 10, parts, size: 25, urls: urls.map(number => ({ number, url: BASE + '/put' + number, size: 10 })) })

test('a large file goes in parts, each tried again by itself, and URLs are asked for when they run out', async () => {
  const { record, seen } = await run([
    ['ask /oss/parts', plan(3, [1, 2])], ['put /put1', network], ['put /put1', answer(200)], ['put /put2', answer(200)],
    ['ask /oss/parts/g/urls', ok([{ number: 3, url: BASE + '/put3' }])], ['put /put3', answer(200)],
    ['ask /oss/parts/g/complete', answer(503)], ['ask /oss/parts/g/complete', ok(ROW)]], { partsAbove: 20, partsAtOnce: 1 }, large, {}, put)
  assert.equal(record.way, 'direct')
  assert.deepEqual(seen.filter(one => one.kind === 'put').map(one => one.body.size), [10, 10, 10, 5])
  assert.equal(seen[4].body, '{"numbers":[3]}')
})

test('parts that cannot be sent are given up before another way is tried', async () => {
  const { record } = await run([
    ['ask /oss/parts', plan()], ['put /put1', network], ['put /put1', network], ['ask /oss/parts/g/abort', ok(true)], ['post /api/chat/uploadAliyun', ok([ROW])]],
  { partsAbove: 20, partsAtOnce: 1, via: ['direct', 'proxy'] }, large, {}, put)
  assert.equal(record.way, 'proxy')
})

test('parts that the store refuses are given up, and no other way is tried', async () => {
  const { error } = await run([
    ['ask /oss/parts', plan()], ['put /put1', answer(403, '<Code>AccessDenied</Code>')], ['ask /oss/parts/g/abort', answer(500)]],
  { partsAbove: 20, partsAtOnce: 1 }, large, {}, put)
  assert.deepEqual([error.code, error.way], ['AccessDenied', 'direct'])
})

test('a way that does not exist is noticed at once', () => {
  assert.throws(() => createUploader({ baseUrl: BASE, via: ['pigeon'], transport: {} }), /pigeon/)
  assert.throws(() => createUploader({ baseUrl: BASE }), /neither a browser nor uni nor wx/)
})
