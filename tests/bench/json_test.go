package bench

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/decant-go/decant"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/julienschmidt/httprouter"
	"github.com/labstack/echo/v5"
)

// order is what the JSON routes send and receive. Its fields stand in the
// order of their names, in which decant sends them.
type order struct {
	Customer string  `json:"customer"`
	ID       int     `json:"id"`
	Items    []item  `json:"items"`
	Paid     bool    `json:"paid"`
	Total    float64 `json:"total"`
}

type item struct {
	Count int     `json:"count"`
	Price float64 `json:"price"`
	SKU   string  `json:"sku"`
}

const orderJSON = `{"customer":"ann@example.org","id":4711,` +
	`"items":[{"count":2,"price":12.5,"sku":"tea-001"},{"count":1,"price":3.25,"sku":"cup-017"}],` +
	`"paid":true,"total":28.25}` + "\n"

func newOrder() order {
	return order{"ann@example.org", 4711, []item{{2, 12.5, "tea-001"}, {1, 3.25, "cup-017"}}, true, 28.25}
}

func orderMap() decant.H {
	return decant.H{
		"customer": "ann@example.org",
		"id":       4711,
		"items": []decant.H{
			{"count": 2, "price": 12.5, "sku": "tea-001"},
			{"count": 1, "price": 3.25, "sku": "cup-017"},
		},
		"paid":  true,
		"total": 28.25,
	}
}

// jsonApps answer with one value.
func jsonApps(value any) []competitor {
	app := decant.New("json")
	app.Get("/", func(*decant.Context) (any, error) { return value, nil }, decant.Endpoint("value"))
	handler := func(w http.ResponseWriter, r *http.Request) { writeJSON(w, value) }
	chiMux := chi.NewRouter()
	chiMux.Get("/", handler)
	e := echo.New()
	e.GET("/", func(c *echo.Context) error { return c.JSON(http.StatusOK, value) })
	engine := newGin()
	engine.GET("/", func(c *gin.Context) { ginJSON(c, value) })
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", handler)
	router := httprouter.New()
	router.HandlerFunc("GET", "/", handler)
	return []competitor{{"decant", app}, {"chi", chiMux}, {"echo", e}, {"gin", engine}, {"nethttp", mux}, {"httprouter", router}}
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// ginJSON adds the line break that gin alone leaves out.
func ginJSON(c *gin.Context, value any) {
	c.Header("Content-Type", "application/json")
	c.JSON(http.StatusOK, value)
	c.Writer.WriteString("\n")
}

func jsonAnswer() answer {
	return answer{status: http.StatusOK, contentType: "application/json", body: orderJSON}
}

func TestJSON(t *testing.T) {
	agree(t, get("/", ""), jsonAnswer(), jsonApps(newOrder()))
	agree(t, get("/", ""), jsonAnswer(), jsonApps(orderMap()))
}

func BenchmarkJSONStruct(b *testing.B) { compare(b, get("/", ""), jsonAnswer(), jsonApps(newOrder())) }

func BenchmarkJSONMap(b *testing.B) { compare(b, get("/", ""), jsonAnswer(), jsonApps(orderMap())) }
