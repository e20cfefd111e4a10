package flask

import (
	"encoding/hex"
	"maps"
	"math"
	"math/big"
	"slices"
	"time"

	"github.com/decant-go/decant"
)

func addJSON(app *decant.App) {
	addReadJSON(app)
	addMixedJSON(app)
	addWrittenJSON(app)
}

func addReadJSON(app *decant.App) {
	getAndPost(app, "/json", "read_json", func(c *decant.Context) (any, error) {
		var value any
		if err := c.Request.JSON(&value); err != nil {
			return nil, err
		}
		return c.JSON(value)
	})
	getAndPost(app, "/json/force", "force_json", func(c *decant.Context) (any, error) {
		var value any
		if err := c.Request.JSON(&value, decant.ForceJSON()); err != nil {
			return nil, err
		}
		return c.JSON(value)
	})
	getAndPost(app, "/json/silent", "silent_json", func(c *decant.Context) (any, error) {
		var value any
		_ = c.Request.JSON(&value)
		return c.JSON(value)
	})
	post(app, "/json/name", "json_name", func(c *decant.Context) (any, error) {
		var value any
		if err := c.Request.JSON(&value); err != nil {
			return nil, err
		}
		object, ok := value.(map[string]any)
		if !ok {
			return c.MakeResponse("no object", 400), nil
		}
		return decant.H{"name": object["name"]}, nil
	})
}

func addMixedJSON(app *decant.App) {
	post(app, "/json/and-data", "json_and_data", func(c *decant.Context) (any, error) {
		var first, second any
		if err := c.Request.JSON(&first, decant.ForceJSON()); err != nil {
			return nil, err
		}
		data, err := c.Request.Data()
		if err != nil {
			return nil, err
		}
		err = c.Request.JSON(&second, decant.ForceJSON())
		return []any{first, hex.EncodeToString(data), second}, err
	})
	post(app, "/json/and-form", "json_and_form", func(c *decant.Context) (any, error) {
		names := slices.AppendSeq([]string{}, maps.Keys(grouped(c.Request.Form.All())))
		slices.Sort(names)
		var value any
		_ = c.Request.JSON(&value)
		return decant.H{"form": names, "json": value, "is_json": c.Request.IsJSON()}, nil
	})
}

func addWrittenJSON(app *decant.App) {
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	written := func(path, endpoint string, value any) {
		get(app, "/jsonify/"+path, endpoint, func(c *decant.Context) (any, error) { return c.JSON(value) })
	}
	written("null", "jsonify_null", nil)
	written("scalars", "jsonify_scalars", []any{1, "two", 3.0, true, nil, 1e100, math.Copysign(0, -1), 1e-7, huge})
	written("text", "jsonify_text", "é☃😀\x7f\x00\u2028</script>&'\"\\/\t\n")
	written("dates", "jsonify_dates", decant.H{
		"utc":  time.Date(2024, 2, 29, 12, 34, 56, 789_000, time.UTC),
		"zone": time.Date(2024, 2, 29, 1, 34, 56, 0, time.FixedZone("", 5*3600+1800)),
		"old":  time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		"date": time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC),
	})
	written("types", "jsonify_types", decant.H{
		"uuid":    exampleUUID,
		"decimal": "1.50",
		"markup":  decant.Markup("<b>"),
		"tuple":   decant.Tuple{1, decant.Tuple{2, 3}},
		"nested":  decant.H{"z": decant.H{"y": decant.H{"x": []any{[]any{}, decant.H{}, []any{[]any{}}}}}},
	})
	written("numbers", "jsonify_numbers", []float64{
		math.NaN(), math.Inf(1), math.Inf(-1), 0.1, 1e22, 1e21, 123456789.125, 5e-324,
	})
	written("keys", "jsonify_keys", decant.H{"é": 1, "B": 2, "a": 3, "": 4, "10": 5, "2": 6, "\U0001f600": 7, "\uffff": 8})
	written("bytes", "jsonify_bytes", []byte("\xff\x00"))
	written("impossible", "jsonify_impossible", make(chan int))
}

// exampleUUID is 12345678-1234-5678-1234-567812345678.
var exampleUUID = decant.UUID{0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78}
