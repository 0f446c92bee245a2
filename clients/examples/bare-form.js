// A mini-program without the kit, as many are written already: a policy in V1, a key of its own, and a form. wx may be uni as well.
// >>> bare-form
const server = 'https://upload.example.com'

export function upload(filePath, done) {
  const header = { token: wx.getStorageSync('token') }
  wx.request({
    url: server + '/goodsOss/getOssPolicy',
    header,
    success({ data: { data: grant } }) {
      const key = grant.dir + Date.now() + '-' + filePath.split('/').pop()
      const formData = { key, policy: grant.policy, OSSAccessKeyId: grant.accessKeyId, signature: grant.signature }
      wx.uploadFile({
        url: grant.host,
        filePath,
        name: 'file',
        formData,
        success({ statusCode }) {
          if (statusCode !== 204) return done(new Error('上传失败：' + statusCode))
          wx.request({
            url: server + '/oss/confirm',
            method: 'POST',
            header,
            data: { grant: grant.grant, key },
            success: ({ data }) => (data.code === 200 ? done(null, data.data) : done(new Error(data.msg))),
            fail: done,
          })
        },
        fail: done,
      })
    },
    fail: done,
  })
}
// <<< bare-form
