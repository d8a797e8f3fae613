const express = require('express')
const greeting = require('greeting')
const app = express()
const port = process.env.PORT || 3000

app.get('/', (req, res) => {
  res.send(greeting('workspace'))
})

app.listen(port, () => {
  console.log(`Example app listening on port ${port}`)
})
