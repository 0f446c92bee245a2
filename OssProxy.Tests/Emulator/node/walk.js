// Walks through the operations of Aliyun's SDK and prints what each of them answered, as JSON on one line.
const OSS = require('ali-oss');
const { Readable } = require('stream');

const [, , port, authorizationV4, endpointKind, accessKeyId, accessKeySecret] = process.argv;

function connect(extra) {
  return new OSS({
    region: 'oss-cn-hangzhou',
    bucket: 'photos',
    accessKeyId,
    accessKeySecret,
    authorizationV4: authorizationV4 === 'true',
    retryMax: 0,
    ...extra,
  });
}

// For an IP the SDK sends "/{key}" with the public host name of the bucket; for a name with sldEnable it sends path style.
const byName = connect({ endpoint: `http://localhost:${port}`, sldEnable: true });
const client = endpointKind === 'ip' ? connect({ endpoint: `http://127.0.0.1:${port}` }) : byName;

async function walk() {
  const said = {};
  const prefix = `${endpointKind}-${authorizationV4}/`;
  const key = `${prefix}图片 1+!'()*.txt`;

  const put = await client.put(key, Buffer.from('hello oss'), { meta: { author: 'alice' }, headers: { 'Cache-Control': 'max-age=60' } });
  said.put = { status: put.res.status, crc: put.res.headers['x-oss-hash-crc64ecma'] };

  const streamed = await client.putStream(`${prefix}stream.bin`, Readable.from([Buffer.alloc(70000, 1), Buffer.alloc(70000, 2)]));
  said.putStream = { status: streamed.res.status };

  const got = await client.get(key);
  said.get = { text: got.content.toString(), type: got.res.headers['content-type'], cache: got.res.headers['cache-control'] };

  const head = await client.head(key);
  said.head = { status: head.status, meta: head.meta };
  said.meta = { length: (await client.getObjectMeta(`${prefix}stream.bin`)).res.headers['content-length'] };

  await client.copy(`${prefix}copy.txt`, key);
  said.copy = (await client.get(`${prefix}copy.txt`)).content.toString();

  const large = Buffer.alloc(250 * 1024, 7);
  const multipart = await client.multipartUpload(`${prefix}large.bin`, large, { partSize: 100 * 1024, parallel: 3 });
  const back = await client.get(`${prefix}large.bin`);
  said.multipart = { etag: multipart.etag, same: Buffer.compare(back.content, large) === 0 };

  const list = await client.list({ prefix, 'max-keys': 2 });
  said.list = { names: list.objects.map(o => o.name.slice(prefix.length)), truncated: list.isTruncated, owner: !!list.objects[0].owner };
  const listV2 = await client.listV2({ prefix, 'max-keys': 10 });
  said.listV2 = listV2.objects.map(o => o.name.slice(prefix.length));

  const url = authorizationV4 === 'true'
    ? await byName.signatureUrlV4('GET', 60, undefined, key)
    : byName.signatureUrl(key, { expires: 60 });
  const fetched = await fetch(url);
  said.url = { status: fetched.status, text: await fetched.text(), signed: url.includes('ignature=') };

  said.missing = await client.get(`${prefix}none`).catch(e => ({ status: e.status, code: e.code }));
  const wrong = connect({ endpoint: `http://localhost:${port}`, sldEnable: true, accessKeySecret: 'wrong' });
  said.wrong = await wrong.get(key).catch(e => ({ status: e.status, code: e.code }));

  said.delete = (await client.delete(key)).res.status;
  said.deleteMulti = (await client.deleteMulti([`${prefix}stream.bin`, `${prefix}copy.txt`, `${prefix}large.bin`])).deleted.length;
  said.left = ((await client.listV2({ prefix })).objects || []).length;
  return said;
}

walk().then(
  said => console.log(JSON.stringify(said)),
  error => {
    console.error(error);
    process.exit(1);
  }
);
